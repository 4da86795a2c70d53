/** The virtio console. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.virtio.console;
