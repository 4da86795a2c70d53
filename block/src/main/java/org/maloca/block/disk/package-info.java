/**
 * Opening and making images of any format: which format a file has, which other files it may name,
 * and chains of images that are differences to each other.
 */
@org.jspecify.annotations.NullMarked
package org.maloca.block.disk;
