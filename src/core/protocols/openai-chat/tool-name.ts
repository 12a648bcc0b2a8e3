/**
 * The names of tools that OpenAI takes: "Invalid 'tools[12].function.name': string too long. Expected a string with maximum length 64"
 * (nanbingxyz/5ire issue 403), and letters as Anthropic's (cline/cline pull request 11885), but no dots and colons, which Gemini CLI sends.
 * Anthropic takes 128, and Claude Code makes long ones of the names of a plugin, its server and the server's tool. Servers that follow OpenAI
 * count the same: "The length of the tool name cannot exceed 64" (QwenLM/Qwen3-VL issue 2069).
 */
export const TOOL_NAME = /^[\w-]{1,64}$/
