/**
 * Writes the class files of compiled regions: just the instructions that they are made of, with
 * their stack maps on the way, since a boot makes a thousand of them while the guest waits.
 *
 * <p>The format: The Java Virtual Machine Specification, Java SE 25, chapters 4 and 6.
 */
@org.jspecify.annotations.NullMarked
package org.maloca.x86.bytecode;
