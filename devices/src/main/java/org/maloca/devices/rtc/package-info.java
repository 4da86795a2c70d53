/** The MC146818 real-time clock with its CMOS memory. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.rtc;
