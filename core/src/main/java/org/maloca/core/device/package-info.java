/** The life and state of a device. */
@org.jspecify.annotations.NullMarked
package org.maloca.core.device;
