/** Checks the software CPU against the host's own, one instruction at a time, in user mode. */
package org.maloca.fuzz;
