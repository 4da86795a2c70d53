/** Targets: image formats. */
@org.jspecify.annotations.NullMarked
package org.maloca.fuzz.image;
