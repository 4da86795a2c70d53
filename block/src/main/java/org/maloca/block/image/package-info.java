/** What all image formats have in common: opening, reading, writing, looking inside. */
@org.jspecify.annotations.NullMarked
package org.maloca.block.image;
