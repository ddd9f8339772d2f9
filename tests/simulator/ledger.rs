//! What the function left in its table, as far as people are promised to find it there: records, open work, items.

use serde_json::{Value, json};

use crate::{answer, run::Moment, truth::Place, world::World};

/// A promotion's record.
#[derive(Debug, Clone)]
pub struct Record {
    pub id: String,
    pub at: Moment,
    /// Where the ledger has the push in order.
    pub order_time: Moment,
    pub outcome: String,
    pub reason: String,
    pub policy: String,
    pub source: Place,
    pub digest: String,
    pub target: Option<Place>,
}

/// All items, and the records among them, oldest first.
pub struct Ledger {
    pub items: Vec<Value>,
    pub records: Vec<Record>,
}

impl Ledger {
    pub async fn read(world: &World) -> Self {
        let scan = json!({"TableName": "promotions"});
        let answer = answer::call(&world.aws, "dynamodb:Scan", &scan).await;
        let items = answer["Items"].as_array().into_iter().flatten();
        let items: Vec<Value> = items.map(|it| plain(&json!({"M": it}))).collect();
        let mut records: Vec<Record> = items.iter().filter_map(Record::of).collect();
        records.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        Self { items, records }
    }

    pub fn promoted(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(|it| it.outcome == "promoted")
    }
}

impl Record {
    fn of(item: &Value) -> Option<Self> {
        if !item["pk"].as_str()?.starts_with("RECORD#") {
            return None;
        }
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let target = &item["target"];
        Some(Self {
            id: text(&item["id"])?,
            at: item["at"].as_str()?.parse().ok()?,
            order_time: item["order_time"].as_str()?.parse().ok()?,
            outcome: text(&item["outcome"])?,
            reason: text(&item["reason"])?,
            policy: text(&item["decision"]["policy"]["name"])?,
            source: (text(&item["repository"])?, text(&item["tag"])?),
            digest: text(&item["digest"])?,
            target: text(&target["repository"]).zip(text(&target["tag"])),
        })
    }
}

/// DynamoDB's form of a value as plain JSON.
fn plain(value: &Value) -> Value {
    let Some((kind, inner)) = value.as_object().and_then(|it| it.iter().next()) else {
        return Value::Null;
    };
    match kind.as_str() {
        "N" => serde_json::from_str(inner.as_str().unwrap_or("null")).unwrap_or(Value::Null),
        "NULL" => Value::Null,
        "L" => inner.as_array().into_iter().flatten().map(plain).collect(),
        "M" => {
            let fields = inner.as_object().into_iter().flatten();
            let fields = fields.map(|(key, it)| (key.clone(), plain(it)));
            Value::Object(fields.collect())
        }
        _ => inner.clone(),
    }
}

impl World {
    /// Whether open work is due, as the index shows it.
    pub async fn something_is_due(&self) -> bool {
        let now = self.run.now().format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
        let scan = json!({
            "TableName": "promotions", "IndexName": "due", "FilterExpression": "due_sk <= :now",
            "ExpressionAttributeValues": {":now": {"S": now}},
        });
        self.ask("dynamodb:Scan", &scan).await["Count"] != 0
    }

    /// Every item of the ledger is of the next format from now on, as after a rollback of the function.
    pub async fn next_format(&self) {
        let scan = json!({"TableName": "promotions"});
        let answer = self.ask("dynamodb:Scan", &scan).await;
        for item in answer["Items"].as_array().into_iter().flatten() {
            let update = json!({
                "TableName": "promotions", "Key": {"pk": item["pk"], "sk": item["sk"]},
                "UpdateExpression": "SET v = :v", "ExpressionAttributeValues": {":v": {"N": "2"}},
            });
            self.ask("dynamodb:UpdateItem", &update).await;
        }
        self.truth.note("every item is of the next format");
    }
}
