/** Named, versioned sections of state. */
@org.jspecify.annotations.NullMarked
package org.maloca.core.snapshot;
