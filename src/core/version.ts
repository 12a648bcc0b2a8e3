import manifest from '../../package.json' with { type: 'json' }

/** byok's own version, as in `package.json`. The build inlines it, so that no file is looked for at run time. */
export const version: string = manifest.version
