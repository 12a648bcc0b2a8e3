import { putYamlEntry } from './edit.ts'
import { mergeJson } from './edit-json.ts'
import { continueFolder, zedFolder } from './folders.ts'
import { forContinue, forZed } from './model-facts.ts'
import { takeOutJson } from './take-out.ts'
import type { Tool } from './tool.ts'

/** Editors, what runs within them, and chats in a browser; the source of each one's settings beside it. */
export const editors: Tool[] = [
  {
    name: 'zed',
    title: 'Zed',
    // zed.dev/docs/ai/llm-providers, "OpenAI API Compatible": the key is an environment variable named for the provider.
    files: [
      {
        path: '.config/zed/settings.json',
        folder: zedFolder,
        takeOut: takeOutJson,
        edit: (text, { origin, model, info = { id: model } }) =>
          mergeJson(text, {
            language_models: {
              openai_compatible: {
                byok: {
                  api_url: `${origin}/v1`,
                  available_models: [{ name: model, display_name: model, ...forZed(info) }],
                },
              },
            },
          }),
      },
    ],
    notes: ({ key }) => [`Start Zed with BYOK_API_KEY=${key} in its environment, or give that key in its settings.`],
  },
  {
    name: 'continue',
    title: 'Continue',
    // docs.continue.dev/reference: `~/.continue/config.yaml`, `models`.
    files: [
      {
        path: '.continue/config.yaml',
        folder: continueFolder,
        edit: (text, { origin, key, model, info }) =>
          putYamlEntry(
            text,
            'models',
            {
              name: 'byok',
              provider: 'openai',
              model,
              apiBase: `${origin}/v1`,
              apiKey: key,
              roles: ['chat', 'edit', 'apply'],
              ...(info && forContinue(info)),
            },
            { name: 'Local Config', version: '1.0.0', schema: 'v1' },
          ),
      },
    ],
    notes: () => [],
  },
  {
    name: 'cline',
    title: 'Cline',
    // docs.cline.bot/provider-config/openai-compatible; VS Code keeps these in a storage of its own.
    files: [],
    notes: ({ origin, key, model }) => [
      "In Cline's settings, choose the API provider `OpenAI Compatible`, and give:",
      `  Base URL  ${origin}/v1`,
      `  API Key   ${key}`,
      `  Model ID  ${model}`,
      "Cline's CLI is told the same by",
      `  cline auth -p openai-compatible -b ${origin}/v1 -k ${key} -m ${model}`,
    ],
  },
  {
    name: 'cursor',
    title: 'Cursor',
    // docs.cursor.com/settings/api-keys; Cursor's servers, not the editor, call the address.
    files: [],
    notes: ({ key, model }) => [
      'In Cursor Settings > Models, turn on `Override OpenAI Base URL`, and give:',
      '  Base URL  an https address that reaches this byok from the internet, with /v1',
      `  API Key   ${key}`,
      `  Model     add ${model}`,
      "Cursor's servers call that address, so localhost does not do. Set server.keys before you open byok to the internet.",
    ],
  },
  {
    name: 'open-webui',
    title: 'Open WebUI',
    // docs.openwebui.com/getting-started/env-configuration: OPENAI_API_BASE_URL, OPENAI_API_KEY.
    files: [],
    notes: ({ origin, key }) => {
      const { protocol, port } = new URL(origin)
      return [
        'Start Open WebUI with these in its environment:',
        `  OPENAI_API_BASE_URL=${origin}/v1`,
        `  OPENAI_API_KEY=${key}`,
        'From within Docker, localhost is the container. There, use',
        `  OPENAI_API_BASE_URL=${protocol}//host.docker.internal${port && `:${port}`}/v1`,
        'and let byok be reached: host: 0.0.0.0, server.keys, and host.docker.internal in server.allowed_hosts.',
      ]
    },
  },
]
