/** Hyper-V's newer disk images; {@link org.maloca.block.vhdx.VhdxImage} describes the format. */
@org.jspecify.annotations.NullMarked
package org.maloca.block.vhdx;
