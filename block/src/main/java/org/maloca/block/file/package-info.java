/** The files that images lie in, as the formats see them. */
@org.jspecify.annotations.NullMarked
package org.maloca.block.file;
