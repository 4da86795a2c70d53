package org.maloca.cli.cloud;

import java.net.URI;

/**
 * A cloud image that its vendor publishes.
 *
 * @param name by which it is asked for
 * @param description for people
 * @param address of the image
 * @param checksums address of a file that has its checksum
 * @param algorithm of the checksum, by its Java name
 * @param user whom the image lets in by ssh
 */
public record CatalogueEntry(
    String name, String description, URI address, URI checksums, String algorithm, String user) {
  /** The image's file name at the vendor's. */
  String fileName() {
    String path = address.getPath();
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
