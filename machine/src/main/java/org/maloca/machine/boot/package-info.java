/** Direct boot: puts a kernel into guest memory and makes the state of the CPU that enters it. */
@org.jspecify.annotations.NullMarked
package org.maloca.machine.boot;
