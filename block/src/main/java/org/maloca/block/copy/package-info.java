/** Moving and comparing what is on disks. */
@org.jspecify.annotations.NullMarked
package org.maloca.block.copy;
