/** The high precision event timer. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.hpet;
