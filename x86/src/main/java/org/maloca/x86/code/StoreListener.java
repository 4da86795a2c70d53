package org.maloca.x86.code;

/** Hears of every store of a machine's vCPUs, for checks. */
public interface StoreListener {
  /** Bytes of RAM were stored to; they lie in one page. */
  void stored(long ramOffset, int size);
}
