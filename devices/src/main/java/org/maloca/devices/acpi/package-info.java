/** ACPI tables and AML, built at run time without external tools. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.acpi;
