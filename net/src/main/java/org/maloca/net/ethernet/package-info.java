/** The switch that a network's cards are plugged into. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.ethernet;
