/** Fuzzing guided by coverage: what is common to all targets, and their start by Jazzer. */
@org.jspecify.annotations.NullMarked
package org.maloca.fuzz.guided;
