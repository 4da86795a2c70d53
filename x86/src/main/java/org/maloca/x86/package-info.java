/** The software x86-64 CPU: its state, its events, and the vCPU that runs on them. */
@org.jspecify.annotations.NullMarked
package org.maloca.x86;
