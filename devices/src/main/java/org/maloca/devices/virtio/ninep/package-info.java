/**
 * Shared folders: a server of 9P2000.L, the file protocol that Linux mounts over virtio, and the
 * device that carries it (virtio device 9).
 *
 * <p>{@link org.maloca.devices.virtio.ninep.NinepServer} takes a request and dispatches it; three
 * classes of operations know the messages; {@code SharedFile} and {@code OpenedFile} are what they
 * work on; {@code LinuxFolder} is the folder itself, by file descriptors alone.
 */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.virtio.ninep;
