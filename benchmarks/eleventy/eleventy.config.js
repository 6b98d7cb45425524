// Eleventy set to do the nearest same work: a page per article, lists, and full-text RSS, Atom and
// JSON feeds with every entry, for the whole and for each series, by its own feed plugin.
import { readdirSync } from "node:fs";
import { feedPlugin } from "@11ty/eleventy-plugin-rss";

const title = "Letters from the Lane";
const base = "https://corpus.example/";
const feeds = { rss: "feed.xml", atom: "atom.xml", json: "feed.json" };

export default function (config) {
  const folders = readdirSync("content");
  const lists = [
    { title, folder: "", name: "articles", glob: "content/**/*.md" },
    ...folders.map((key) => ({
      title: `Letters, volume ${key}`,
      folder: `series/${key}/`,
      name: key.replace("-", "_"),
      glob: `content/${key}/*.md`,
    })),
  ];
  for (const list of lists) {
    config.addCollection(list.name, (all) => all.getFilteredByGlob(list.glob));
    for (const [type, file] of Object.entries(feeds)) {
      config.addPlugin(feedPlugin, {
        type,
        outputPath: `/${list.folder}${file}`,
        inputPath: `${list.name}-${type}.njk`,
        collection: { name: list.name, limit: 0 },
        metadata: { title: list.title, base, language: "en", author: { name: "The Lane" } },
      });
    }
    config.addTemplate(`${list.name}.njk`, `{% include "list.njk" %}`, {
      layout: false,
      permalink: `/${list.folder}index.html`,
      heading: list.title,
      list: list.name,
      eleventyExcludeFromCollections: true,
    });
  }
  config.addGlobalData("layout", "article.njk");
  config.addGlobalData("permalink", () => (data) => `articles/${data.slug}/index.html`);
  config.addPassthroughCopy("images");
  config.setQuietMode(true);
  return {
    dir: { input: ".", includes: "_includes", output: "output" },
    markdownTemplateEngine: false,
  };
}
