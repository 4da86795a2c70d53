/** VirtualBox's disk images; {@link org.maloca.block.vdi.VdiImage} describes the format. */
@org.jspecify.annotations.NullMarked
package org.maloca.block.vdi;
