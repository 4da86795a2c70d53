/** The life of a virtual machine: the API for those who embed one. */
@org.jspecify.annotations.NullMarked
package org.maloca.machine.lifecycle;
