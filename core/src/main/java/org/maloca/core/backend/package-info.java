/** The host's side of devices. */
@org.jspecify.annotations.NullMarked
package org.maloca.core.backend;
