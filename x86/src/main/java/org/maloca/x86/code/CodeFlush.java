package org.maloca.x86.code;

/** Why a vCPU drops all of its code. */
enum CodeFlush {
  /** There was as much as is kept. */
  FULL,
  /** The layout of the guest's memory changed, or so much of its code that it was lost track of. */
  REQUESTED,
  /** The CPU was reset, or its state replaced. */
  STATE_REPLACED
}
