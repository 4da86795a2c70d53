/** A line that is not perfect, on purpose. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.impair;
