/** Plain disks: the file's bytes are the disk's. */
@org.jspecify.annotations.NullMarked
package org.maloca.block.raw;
