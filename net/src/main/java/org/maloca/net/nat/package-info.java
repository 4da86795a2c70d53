/** What flows through the gateway have in common: their table, timers, limits and the loop. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.nat;
