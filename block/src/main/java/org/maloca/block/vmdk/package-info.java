/** VMware's disk images; {@link org.maloca.block.vmdk.VmdkImage} describes the format. */
@org.jspecify.annotations.NullMarked
package org.maloca.block.vmdk;
