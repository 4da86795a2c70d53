/**
 * What a disk would boot if there were firmware: its partitions, the ext file systems on them, and
 * the kernel that its boot loader is set to. Everything read is untrusted.
 */
@org.jspecify.annotations.NullMarked
package org.maloca.cli.bootdisk;
