/** What names of bundles and foundation models are made of: they are parts of paths. */
export const BUNDLE_NAME = /^[a-z0-9][a-z0-9._-]*$/;
