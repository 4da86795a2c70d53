/** Cloud images: fetching and keeping them, and the seed that tells them who they are. */
@org.jspecify.annotations.NullMarked
package org.maloca.cli.cloud;
