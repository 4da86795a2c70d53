/** Guests that Maloca makes itself, from the packages of a Linux distribution. */
@org.jspecify.annotations.NullMarked
package org.maloca.cli.guest;
