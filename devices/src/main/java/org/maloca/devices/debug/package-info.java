/** Ports for test guests and early boot output. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.debug;
