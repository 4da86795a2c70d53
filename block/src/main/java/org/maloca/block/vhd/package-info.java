/**
 * Virtual PC's and Hyper-V's older disk images; {@link org.maloca.block.vhd.VhdImage} describes the
 * format.
 */
@org.jspecify.annotations.NullMarked
package org.maloca.block.vhd;
