/** Where byok is, as this browser reaches it, without a slash at its end: the page is right below, wherever it is mounted. */
export const baseUrl = new URL('.', location.href.split('#')[0]).href.replace(/\/$/, '')
