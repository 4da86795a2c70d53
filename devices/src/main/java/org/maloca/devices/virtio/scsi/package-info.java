/** The virtio SCSI controller. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.virtio.scsi;
