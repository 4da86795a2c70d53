/** QEMU's copy-on-write format, versions 2 and 3, read and written; see {@link Qcow2Image}. */
@org.jspecify.annotations.NullMarked
package org.maloca.block.qcow2;
