/** A cable whose ends are joined. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.loopback;
