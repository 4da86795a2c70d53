package org.maloca.x86.decode;

/**
 * The bytes of one instruction. The decoder asks for them in order, each once, and for none that
 * the instruction does not have, so that an implementation can raise a page fault just where a
 * fetch does.
 */
@FunctionalInterface
public interface CodeBytes {
  /** The byte at {@code index} from the instruction's start, 0 to 255. */
  int byteAt(int index);
}
