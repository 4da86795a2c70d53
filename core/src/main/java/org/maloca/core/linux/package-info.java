/**
 * Linux's system calls, by the C library: the one place where Maloca calls functions outside Java.
 *
 * <p>Addresses are plain numbers, so that a call makes no object; a failed call answers its error
 * number negated, as the kernel does itself. Callers ask {@link
 * org.maloca.core.linux.LinuxCalls#areAvailable} first and do without elsewhere.
 */
@org.jspecify.annotations.NullMarked
package org.maloca.core.linux;
