/** ACPI fixed hardware: power management, its timer, reset. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.pm;
