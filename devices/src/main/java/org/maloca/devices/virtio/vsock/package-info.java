/** The virtio socket device and its bridge to Unix sockets. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.virtio.vsock;
