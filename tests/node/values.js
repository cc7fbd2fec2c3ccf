// Prints what SheetJS and ExcelJS read in workbooks, as JSON: {path: {reader: {sheet: rows} or {"": message}}}.
// The workbooks' paths come in as a JSON list on standard input. Dates are given as serial numbers of the 1900 system.
const ExcelJS = require("exceljs");
const XLSX = require("xlsx");

const serial = (date) => Math.round((date.getTime() / 86400000 + 25569) * 1e8) / 1e8;

function plain(value) {
  if (value === undefined || value === null || value === "") return null;
  if (value instanceof Date) return serial(value);
  if (typeof value !== "object") return value;
  if (value.richText) return value.richText.map((run) => run.text).join("");
  if ("formula" in value || "sharedFormula" in value) return plain(value.result);
  if ("hyperlink" in value) return plain(value.text);
  return null;
}

function sheetjs(path) {
  const book = XLSX.readFile(path, { cellDates: true });
  // SheetJS counts the days of the 1904 system as if they were those of the 1900 system.
  const shift = book.Workbook && book.Workbook.WBProps && book.Workbook.WBProps.date1904 ? 1462 : 0;
  const found = {};
  for (const name of book.SheetNames) {
    const sheet = book.Sheets[name];
    if (!sheet["!ref"]) continue;
    const range = { s: { r: 0, c: 0 }, e: XLSX.utils.decode_range(sheet["!ref"]).e };
    const rows = XLSX.utils.sheet_to_json(sheet, { header: 1, raw: true, defval: null, blankrows: true, range });
    found[name] = rows.map((row) => Array.from(row, (value) => (value instanceof Date ? serial(value) + shift : plain(value))));
  }
  return found;
}

async function exceljs(path) {
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(path);
  const found = {};
  book.eachSheet((sheet) => {
    const rows = [];
    for (let number = 1; number <= sheet.rowCount; number++) {
      rows.push(Array.from(sheet.getRow(number).values.slice(1), plain));
    }
    found[sheet.name] = rows;
  });
  return found;
}

async function main() {
  const answer = {};
  for (const path of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
    answer[path] = {};
    for (const [name, reader] of Object.entries({ SheetJS: sheetjs, ExcelJS: exceljs })) {
      try {
        answer[path][name] = await reader(path);
      } catch (error) {
        answer[path][name] = { "": String(error) };
      }
    }
  }
  console.log(JSON.stringify(answer));
}

main();
