/** The pair of 8259A interrupt controllers of a PC. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.pic;
