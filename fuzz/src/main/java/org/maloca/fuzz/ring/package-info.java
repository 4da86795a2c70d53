/** Targets: the consumers of virtio rings. */
@org.jspecify.annotations.NullMarked
package org.maloca.fuzz.ring;
